# weak next: AWS-0086 AWS-0087 AWS-0089 AWS-0090 AWS-0091 AWS-0093 AWS-0094 AWS-0132
resource "aws_s3_bucket" "logs" {
  bucket = "logs"
  # weak next: AWS-0092
  acl    = "public-read"
}

# weak next: AWS-0099
resource "aws_security_group" "open" {
  name = "open"
  # weak next: AWS-0124
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    # weak next: AWS-0107
    cidr_blocks = ["0.0.0.0/0"]
  }
}

# weak next: AWS-0077 AWS-0133 AWS-0176 AWS-0177
resource "aws_db_instance" "main" {
  engine              = "postgres"
  instance_class      = "db.t3.micro"
  # weak next: AWS-0180
  publicly_accessible = true
  # weak next: AWS-0080
  storage_encrypted   = false
}
