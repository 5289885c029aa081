"""The checks behind GUARDS: pure functions of a case. `facts` for every letter, `marketing` for advertising, `words` at the end."""
