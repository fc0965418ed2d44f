const auth = {
  clientId: "web",
  clientSecret: "Ap9OSGrbvzqJPj93TisrDpdSsBMqb43jwo3QXIcE",  // weak: 798
  password: 'Gerste831#acker',  // weak: 798
  passwordField: "password",  // fine: 798
  tokenType: "Bearer",  // fine: 798
  apiKey: process.env.API_KEY,  // fine: 798
};
const session: string = login("web", auth.password);  // fine: 798
const apiKey: string = "8f5f6ac8a93ef3bc5b1ba492b48a3208";  // weak: 798
headers.set("Authorization", "Bearer UNQRRlqC0pZxKg1C5MFJaCmr4J1C7zBVjIU6Ee65FAPE");  // weak: 798
await fetch("https://web:7m5sVVrXK3pG@api.internal/v1");  // weak: 798
const resetPassword = "/account/reset-password";  // fine: 798
const message = "Enter your password: " + name;  // fine: 798
form.append("csrfToken", csrf.value);  // fine: 798
