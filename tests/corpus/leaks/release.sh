#!/bin/sh
curl -u deploy:5yPJRiPqW7fv https://images.internal/v2/  # weak: 798
sshpass -p '7n8jKQ2lsQ7' ssh deploy@web1.internal  # weak: 798
mysql -u root -poJZuTqtQlS9 web < dump.sql  # weak: 798
docker login -u ci -p vVjz7Lg08C7ZCycy8V images.internal  # weak: 798
tool upload --token s8PWGcHri8uKBPSK2xWZ6sZhcyyBoe3WNSVVHnot dist/  # weak: 798
curl -H "Authorization: Bearer 1PYJ47Yx4veLoY5d0n46O06JUjaXAYoQndKselI3wSTuzJ4m" https://api.internal  # weak: 798
export PGPASSWORD=TGUktbvlQhR8  # weak: 798
curl -H "Authorization: Bearer $TOKEN" https://api.internal  # fine: 798
mysql -u root -p"$MYSQL_PASSWORD" web  # fine: 798
tool upload --token "$TOKEN" dist/  # fine: 798
read -s -p "Password: " password  # fine: 798
