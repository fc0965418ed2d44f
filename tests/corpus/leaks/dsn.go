package main

var dsn = "web:Kranich36see@tcp(db.internal:3306)/web"  // weak: 798
var dsn = user + ":" + password + "@tcp(db.internal:3306)/web"  // fine: 798
