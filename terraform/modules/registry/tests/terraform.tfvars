repositories = { app = "t/app" }
