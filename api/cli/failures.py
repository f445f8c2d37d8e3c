"""What went wrong, in one sentence and without a traceback. Exit codes: 1 refused or failed, 2 used wrongly."""

import click


class ExplainingGroup(click.Group):
    """A group whose commands end with an explanation where they can give one."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; errors that have an explanation become click's."""
        try:
            result: object = super().invoke(ctx)
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Exception as error:
            explained = explain(error)
            if explained is None:
                raise
            raise explained from error
        return result


def explain(error: Exception) -> click.ClickException | None:
    """The error as a message for the person at the terminal, or None for one that nobody foresaw."""
    import pydantic
    from sqlalchemy.exc import DBAPIError

    from api.running.failure import Failure, of_database
    from core.errors import Refusal
    from core.settings import PREFIX, UnknownSetting

    if isinstance(error, Refusal):
        return click.ClickException(error.detail)
    if isinstance(error, UnknownSetting):
        return click.UsageError(str(error))
    if isinstance(error, pydantic.ValidationError):
        lines = [f"{_setting(PREFIX, each['loc'])}: {each['msg']}" for each in error.errors(include_input=False)]
        return click.UsageError("\n".join(lines))
    if isinstance(error, DBAPIError):
        return click.ClickException(of_database(error))
    if isinstance(error, OSError | Failure):
        return click.ClickException(str(error))
    return None


def _setting(prefix: str, place: tuple[int | str, ...]) -> str:
    return f"{prefix}{str(place[0]).upper()}" if place else "Settings"
