"""People of an LDAP directory or an Active Directory: signing in with its passwords, and synchronising."""
