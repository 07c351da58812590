"""What is kept: the database, its migrations, and one query module per family of tables."""
