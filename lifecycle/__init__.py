"""The heart: what happened, what to say about it, and under whose eyes. Standard library only, no clock of its own.

Reading order: the nouns (money, people, orders, carts, privacy, stores), then what happens (events, changes), then the
tables (mails, oversight, guards), then the words' truth (composing, figures), then the verbs (desk). `ports` says what is
asked of the other rooms, `errors` how they may fail, `reasons` how that is said to a merchant.
"""
