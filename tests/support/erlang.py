"""
A conversation with a running RabbitMQ: one Erlang expression in, its value out.

`rabbitmqctl` starts a virtual machine for every question, which takes seconds. We start one
small Erlang once, and ask it over its standard input; an answer takes milliseconds. When our
end of the pipe closes, for whatever reason, it stops the broker and its port mapper: neither
outlives the tests, even if these are killed.
"""

import subprocess
from collections.abc import Mapping
from typing import Final

LOOPBACK: Final = ("-kernel", "inet_dist_use_interface", "{127,0,0,1}")
"""Arguments that keep an Erlang's own port off every other interface."""

LOOP: Final = """
Node = list_to_atom(os:getenv("PRESENTLY_NODE")),
Ask = fun(Line) ->
    {ok, Tokens, _} = erl_scan:string(Line),
    {ok, Expressions} = erl_parse:parse_exprs(Tokens),
    case rpc:call(Node, erl_eval, exprs, [Expressions, []], 60000) of
        {value, Value, _} -> {ok, Value};
        Other -> {error, Other}
    end
end,
Loop = fun(Self) ->
    case io:get_line("") of
        Line when is_list(Line) ->
            {Verdict, Value} = try Ask(Line) catch _:Reason -> {error, Reason} end,
            io:format("~s ~0tp~n", [Verdict, Value]),
            Self(Self);
        _ ->
            rpc:call(Node, erlang, halt, [0], 1000),
            os:cmd("kill " ++ os:getenv("PRESENTLY_EPMD_PID", "")),
            halt(0)
    end
end,
Loop(Loop).
"""


class ErlangError(Exception):
    """The broker did not answer, or the expression raised; the message is Erlang's."""


class Erlang:
    """One helper process. Ask with `eval`; not thread-safe."""

    def __init__(self, node: str, *, environ: Mapping[str, str], user: str | None) -> None:
        """`environ` must reach the node: `HOME` with its cookie, `ERL_EPMD_PORT`."""
        self._process = subprocess.Popen(
            ["erl", "-noshell", "-hidden", "-name", f"ask-{node}", *LOOPBACK, "-eval", LOOP],
            env={**environ, "PRESENTLY_NODE": node},
            cwd=environ["HOME"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            user=user,
        )

    def eval(self, expression: str) -> str:
        """Return the value of one line of Erlang, evaluated inside the broker, as text."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(" ".join(expression.split()).rstrip(".") + ".\n")
        self._process.stdin.flush()
        verdict, _, value = self._process.stdout.readline().rstrip("\n").partition(" ")
        if verdict != "ok":
            raise ErlangError(value or "the helper ended")
        return value

    def close(self) -> None:
        """Close the pipe, which stops the broker too if it is still there."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
