# filled by the install rules of the library
