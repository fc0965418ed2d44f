<?php
$db_user = 'shop';
$db_password = 'Meise569!hof';  // weak: 798
define('DB_PASSWORD', 'kAPfk34MpfP0YTV');  // weak: 798
define('AUTH_KEY', 'ld8f]Kjf0{xA60R#u0*w.qsfZ@&-C?VFlP@5O T_oebt.?-Rj<x;NTU1dqzik5%R');  // weak: 798
$config['encryption_key'] = 'CazWtGcz3JtHG7vzDczlSbHDsbHym9k6';  // weak: 798
define('DB_CHARSET', 'utf8mb4');  // fine: 798
$password_label = 'Your password';  // fine: 798
$token = $_POST['token'];  // fine: 798
$mail->Password = getenv('MAIL_PASSWORD');  // fine: 798
