<?php
$c = mysqli_connect("db.internal", "shop", "Habicht61!ufer");  // weak: 798
$p = new PDO($dsn, "shop", "Sperber93!moor");  // weak: 798
$p = new PDO($dsn, $user, $password);  // fine: 798
