CREATE USER 'web'@'%' IDENTIFIED BY 'Igel850!wald';  // weak: 798
ALTER ROLE web WITH PASSWORD 'qBS4pxxN33YPqj';  // weak: 798
INSERT INTO users (name, password) VALUES ('anna', '$2y$12$ix5UKuCjWsjoMQa0O0GNlplj5KAKzu9fXZTNzBp4WJuWl0CjSB6lt');  // weak: 798
INSERT INTO users (name, password) VALUES ('bert', '$argon2id$v=19$m=65536,t=3,p=4$gm7CrzUSMtBQgp/QeoMrOy$a7DMCOz2f0vgKM3sUbmI63aUrHl/3HByEw++tO4w1La');  // weak: 798
CREATE TABLE users (name text, password text, token text);  // fine: 798
