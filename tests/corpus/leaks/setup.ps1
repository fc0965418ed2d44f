$p = ConvertTo-SecureString "Fasan88!garten" -AsPlainText -Force  # weak: 798
$p = ConvertTo-SecureString $env:PASSWORD -AsPlainText -Force  # fine: 798
