"""The standard units and their other names: data only, read by `units`.

Source: UN/ECE Recommendation 20 (codes) and 21 (packages); factors of inch, pound and gallon are
the exact definitions of 1959 (NIST Special Publication 811, appendix B). "EA" stands for Rec 20's
C62 and H87, as in most ERPs. A pair, a set or a kit is one article to some and several to others:
the product decides. Left out on purpose, as they mean different things to different systems: KT
(kit or kilotonne), TON (metric or short), HU (hundred or handling unit).
"""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction


class Dimension(StrEnum):
    """What a unit measures; units convert globally only within one dimension."""

    COUNT = "count"
    MASS = "mass"
    LENGTH = "length"
    AREA = "area"
    VOLUME = "volume"
    TIME = "time"
    PACKAGE = "package"


@dataclass(frozen=True)
class Unit:
    """One unit of measure.

    Attributes:
        code: Canonical code, upper case.
        name: English name, singular.
        dimension: What it measures.
        decimals: Decimals quantities in it have by default (a product may say otherwise).
        factor: Base units of its dimension in one such unit (EA, KGM, MTR, MTK, LTR, SEC), exact;
            None where its size is a matter of the product (packages, sets, pairs).
    """

    code: str
    name: str
    dimension: Dimension
    decimals: int
    factor: Fraction | None


_TABLE = """
[count]
EA  piece              0 1               C62 H87 PCE PC PCS ST STK EACH PIECE PIECES UNIT NAR
DZN dozen              0 12              DZ DOZEN
GRO gross              0 144             GROSS
CEN hundred            0 100
MIL thousand           3 1000            TH THOUSAND
SET set                0 -               SETS
PR  pair               0 -               NPR PAA PAIR
KIT kit                0 -
[mass]
KGM kilogram           3 1               KG KILOGRAM
GRM gram               3 0.001           G GR GRAM
MGM milligram          3 0.000001        MG
TNE tonne              6 1000            T TO TONNE MT
LBR pound              3 0.45359237      LB LBS
ONZ ounce              3 0.028349523125  OZ
STN short_ton          6 907.18474
[length]
MTR metre              3 1               M METER METRE
DMT decimetre          3 0.1             DM
CMT centimetre         3 0.01            CM
MMT millimetre         3 0.001           MM
KMT kilometre          6 1000            KM
INH inch               3 0.0254          IN INCH
FOT foot               3 0.3048          FT FOOT
YRD yard               3 0.9144          YD YARD
SMI mile               6 1609.344        MI MILE
[area]
MTK square_metre       3 1               M2 SQM QM
DMK square_decimetre   3 0.01            DM2
CMK square_centimetre  3 0.0001          CM2
MMK square_millimetre  3 0.000001        MM2
HAR hectare            6 10000           HA
INK square_inch        3 0.00064516      IN2
FTK square_foot        3 0.09290304      FT2 SQFT
YDK square_yard        3 0.83612736      YD2
[volume]
LTR litre              3 1               L LITER LITRE
DLT decilitre          3 0.1             DL
CLT centilitre         3 0.01            CL
MLT millilitre         3 0.001           ML
HLT hectolitre         3 100             HL
MTQ cubic_metre        6 1000            M3 CBM
DMQ cubic_decimetre    3 1               DM3 CDM
CMQ cubic_centimetre   3 0.001           CM3 CCM
MMQ cubic_millimetre   3 0.000001        MM3
INQ cubic_inch         3 0.016387064     IN3
FTQ cubic_foot         3 28.316846592    FT3
GLL US_gallon          3 3.785411784     GAL
QTL US_liquid_quart    3 0.946352946     QT
PTL US_liquid_pint     3 0.473176473     PT
OZA US_fluid_ounce     3 0.0295735295625 FLOZ
[time]
SEC second             3 1               S
MIN minute             3 60              MINUTE
HUR hour               3 3600            H HR HOUR STD
DAY day                3 86400           D
WEE week               3 604800          WK WEEK
[package]
BX  box                0 -               XBX BOX
CT  carton             0 -               XCT CTN CAR KAR CARTON
CS  case               0 -               XCS CASE
CR  crate              0 -               XCR KI CRATE
PK  pack               0 -               XPK PAK PACK
PA  packet             0 -               XPA PKT
BG  bag                0 -               XBG BAG
SA  sack               0 -               XSA
BO  bottle             0 -               XBO BTL BOT
CA  can                0 -               XCA CAN
DR  drum               0 -               XDR
BA  barrel             0 -               XBA
TU  tube               0 -               XTU
RO  roll               0 -               XRO ROL ROLL
RL  reel               0 -               XRL REEL
BE  bundle             0 -               XBE
RM  ream               0 -               REAM
PX  pallet             0 -               XPX PAL PLT PALLET
CNT container          0 -               XCN
"""
"""Code, name, decimals, factor to the base ("-": the product decides), other spellings."""


def _read(table: str) -> tuple[dict[str, Unit], dict[str, str]]:
    units: dict[str, Unit] = {}
    aliases: dict[str, str] = {}
    dimension = Dimension.COUNT
    for line in table.split("\n"):
        if line.startswith("["):
            dimension = Dimension(line.strip("[]"))
        elif line:
            code, name, decimals, factor, *spellings = line.split()
            size = None if factor == "-" else Fraction(factor)
            units[code] = Unit(code, name.replace("_", " "), dimension, int(decimals), size)
            aliases.update(dict.fromkeys(spellings, code))
    return units, aliases


STANDARD_UNITS, ALIASES = _read(_TABLE)
"""Every unit Lineside knows, by canonical code; other spellings in upper case to these codes."""
