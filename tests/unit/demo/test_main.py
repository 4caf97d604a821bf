import pytest

from demo.__main__ import main


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({}, "DEMO_DATABASE_URL (or DEMO_DATABASE_URL_FILE) is not set\n"),
        ({"DEMO_PORT": "web"}, "DEMO_PORT is not a number\n"),
    ],
)
def test_a_wrong_setting_is_one_line_and_exit_code_2(
    environ: dict[str, str],
    says: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ("DEMO_DATABASE_URL", "DEMO_JWT_KEY"):
        monkeypatch.delenv(name, raising=False)
        if "DEMO_PORT" in environ:
            monkeypatch.setenv(name, "k" * 32)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert main() == 2
    assert capsys.readouterr().err == says
