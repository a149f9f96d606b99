"""What stands between a person and the end of a card transaction."""


class Problem(Exception):
    """Something to tell the person, by `code`; web/wording.py has title, text and way on.

    `status` is the HTTP status of a page that says nothing else. `params` fill the text's
    placeholders. `message` is a server's own sentence and `way` its advice in `language`, shown as
    they are; `return_url` leads back to where the person came from.
    """

    def __init__(
        self,
        code: str,
        *,
        status: int = 409,
        message: str = "",
        way: str = "",
        language: str = "",
        return_url: str | None = None,
        retry: bool = True,
        **params: str | int,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.message = message
        self.way = way
        self.language = language
        self.return_url = return_url
        self.retry = retry
        self.params = params
