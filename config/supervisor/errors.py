"""What the supervisor tells the person at the terminal instead of a traceback."""


class SupervisorError(Exception):
    """The message is one plain sentence that says what to do."""


class AlreadyRunning(SupervisorError):
    """Another supervisor holds the var folder."""


class StepFailed(SupervisorError):
    """A preparation step ended with an error; the message carries the end of its output."""


class Stopped(BaseException):
    """A signal asked the supervisor to stop. Like KeyboardInterrupt, no `except Exception` holds it up."""
