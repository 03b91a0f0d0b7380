"""Countries as ISO 3166-1 names them in two letters."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

_CODES = """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS
    BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE
    EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM
    HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC
    LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA
    NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW
    SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO
    TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""

COUNTRIES = frozenset(_CODES.split())
"""The 249 officially assigned codes."""


def _code(value: Any) -> str | None:
    """A country code in capitals; None for an empty one."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise ValueError("expected an ISO 3166-1 alpha-2 code such as FR")
    code = value.strip().upper()
    if not code:
        return None
    if code not in COUNTRIES:
        raise ValueError("expected an ISO 3166-1 alpha-2 code such as FR")
    return code


CountryCode = Annotated[
    str | None,
    BeforeValidator(_code),
    Field(description="ISO 3166-1 alpha-2, in any case; empty for none.", examples=["FR"]),
]
