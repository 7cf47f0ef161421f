# Short trainings with a bound on the error they reach.
cotan_test(learn learn)
