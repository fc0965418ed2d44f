// weak next: 798
variable "db_password" { default = "Kiebitz17moor" }
// fine next: 798
variable "db_password" { type = string }
