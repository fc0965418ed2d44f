"""Settings with values that nobody uses anywhere."""

SECRET_KEY = "_ayj827po9u375tl+x_@0&2^@9)frn8fao41qm94(wx9^s@n80"  # weak: 798
DATABASES = {"default": {"USER": "web", "PASSWORD": "Dohle320turm"}}  # weak: 798
password: str = "Ginster9105"  # weak: 798
client = Client(token=b"nyt0OjtAERhFqHmcfH4JP3NcLSqnZWE9A2Y1M31r")  # weak: 798
key = "AKIAS76GPRGQJS2EMXUC"  # weak: 798
url = "amqp://guest:EQm0stIzrvw5uS4G@mq.internal/"  # weak: 798
AUTH_PASSWORD_VALIDATORS = ["django.contrib.auth.password_validation.MinimumLengthValidator"]  # fine: 798
PASSWORD_RESET_TIMEOUT = "259200"  # fine: 798
url = "amqp://user:password@localhost/"  # fine: 798
url = f"postgres://{user}:{password}@{host}/"  # fine: 798
TOKEN_ENDPOINT_AUTH_METHOD = "client_secret_basic"  # fine: 798
primary_key = "order_id"  # fine: 798
secret = os.environ.get("SECRET", "")  # fine: 798
password = getpass.getpass("password: ")  # fine: 798
SECRET_SAMPLE = "xxxxxxxxxxxxxxxxxxxxxxxx"  # fine: 798
API_KEY_SAMPLE = "your-api-key-goes-here-1234"  # fine: 798
