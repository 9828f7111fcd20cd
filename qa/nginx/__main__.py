"""`python -m qa.nginx`, from the root of the project."""

import sys

from qa.nginx.callers import believe_the_balancer, refuse_strangers
from qa.nginx.composition import accept_compose_file
from qa.nginx.engine import bound_the_container
from qa.nginx.machine import accept_unit, accept_user_data, keep_the_key
from qa.nginx.own_errors import answer_for_a_silent_service, refuse_as_the_service_does
from qa.nginx.passing import pass_on
from qa.nginx.promises import PROMISES
from qa.nginx.suite import pass_parity
from qa.nginx.walk import follow_the_readme
from qa.promises import try_promises

OF_EXAMPLES = (
    accept_compose_file,
    accept_user_data,
    keep_the_key,
    accept_unit,
    bound_the_container,
    refuse_as_the_service_does,
    refuse_strangers,
    believe_the_balancer,
    answer_for_a_silent_service,
    pass_on,
    follow_the_readme,
    pass_parity,
)

if __name__ == "__main__":
    sys.exit(try_promises("make nginx", (*PROMISES, *OF_EXAMPLES)))
