package main

const apiToken string = "BRZoFBFZj3kii2ANKR8gBoZ6H0pu3uPcpSCE"  // weak: 798

var dbPassword = "Lerche857$feld"  // weak: 798
var passwordHeader = "X-Password"  // fine: 798
var tokenPath = "/var/run/secrets/token"  // fine: 798
