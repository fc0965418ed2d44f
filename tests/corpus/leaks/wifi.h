#define WIFI_SSID "barn"  // fine: 798
#define WIFI_PASSWORD "Rohrdommel27see"  // weak: 798
#define TOKEN_LENGTH 32  // fine: 798
#define API_KEY_HEADER "X-Api-Key"  // fine: 798
static const char *mqtt_password = "Wachtel81!korn";  // weak: 798
