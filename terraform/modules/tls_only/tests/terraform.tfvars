bucket = { name = "t", arn = "arn:aws:s3:::t" }
