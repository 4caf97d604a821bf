import time

import jwt

from demo.people import PEOPLE
from demo.tokens import LIFETIME, token_for

KEY = "k" * 40


def test_a_token_says_who_and_what_may_be_done() -> None:
    before = time.time()
    claims = jwt.decode(
        token_for(PEOPLE["leela"], KEY), KEY, algorithms=["HS256"], audience="presently"
    )
    assert claims["sub"] == "leela"
    assert claims["name"] == "Leela"
    assert claims["info"] == {"role": "Captain", "tint": "violet"}
    assert claims["docs"] == {"article.*": "edit", "site.*": "read"}
    assert before + LIFETIME - 2 <= claims["exp"] <= time.time() + LIFETIME + 2
