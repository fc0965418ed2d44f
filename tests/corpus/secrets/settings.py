"""Settings with values that nobody uses anywhere."""

import os

API_KEY = "u8jzPde0IgxLd6GncfBAepfJ"  # weak: 798
AUTH_TOKEN = "Bd0Kh8oOOL8dKLzdocJ2isAjI"  # weak: 798
DB_PASSWORD = "hKtJ0RlgLKOmxgJTeKdNnFRIBX"  # weak: 798
CLIENT_SECRET = "uDL7DxtpYlSXpfKtHF4vUCsMehG"  # weak: 798
ACCESS_TOKEN = "AkWvj7FAc9QeWJKY40uvSwMFLZDe"  # weak: 798
SMTP_PASSWORD = "1f8rESQedUStPKR0CsTy4Qwb8DwkN"  # weak: 798
SIGNING_KEY = "hFdnXsiVpzz63FfkCzJr4i0B3JrTAw"  # weak: 798
WEBHOOK_SECRET = "R4y9ojfljoQoaF1LlqsajAIxNKu8iS2"  # weak: 798
ADMIN_PASSWORD = "G8NPRVdD53X83RZJzzzzgEOzdmenCkhv"  # weak: 798
REFRESH_TOKEN = "MdgaKjIg8xNbe3nNyjOq9wMx"  # weak: 798
SESSION_SECRET = "Ehh2FDEEtfjgVvVqE1SkHbn88"  # weak: 798
SERVICE_TOKEN = "HxjSI6bWHtP3fS2qHx6kwXoIIX"  # weak: 798
API_KEY_NAME = "x-api-key"  # fine: 798
AUTH_TOKEN_HEADER = "Authorization"  # fine: 798
DB_PASSWORD_FROM = os.environ["DB_PASSWORD"]  # fine: 798
TOKEN_URL = "https://example.org/oauth/token"  # fine: 798
PASSWORD_HINT = "the usual one, you know it"  # fine: 798
SECRET_PATH = "secret/data/web"  # fine: 798

PARTNER_0_TOKEN = "a767c76fb008f86bebb2737f6a6f0fb2"  # weak: 798
PARTNER_1_TOKEN = "3c6f5da2cec255404e4fb440034d6608"  # weak: 798
PARTNER_2_TOKEN = "697a8d41bed440e50454f31af3176813"  # weak: 798
PARTNER_3_TOKEN = "e02ea68ef786e4d3cea27d26934b484e"  # weak: 798
PARTNER_4_TOKEN = "73cf575dcad6ba2b0aee0ca923732881"  # weak: 798
PARTNER_5_TOKEN = "584d8c4fa2815d2802827283e0ad8417"  # weak: 798
PARTNER_6_TOKEN = "3581569969e58b081006f7e3dfc967a6"  # weak: 798
PARTNER_7_TOKEN = "4cb14028d512c9791e558e08baa7196b"  # weak: 798
