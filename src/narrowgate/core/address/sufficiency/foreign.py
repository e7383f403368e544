"""Addresses outside the United States."""

from __future__ import annotations

import re

from narrowgate.core.address.postal import canonical_city, cities_of_zip, is_city_of_state, zip_exists
from narrowgate.core.address.sufficiency.reading import AddressReading, Words
from narrowgate.core.address.words.word_list import phrases
from narrowgate.core.address.words.word_list import words as word_list

_COUNTRIES = phrases(
    """
    AFGHANISTAN|ALBANIA|ALGERIA|ARGELIA|ANGOLA|ARGENTINA|ARMENIA|AUSTRALIA|AUSTRIA|AZERBAIJAN|BAHAMAS
    BANGLADESH|BARBADOS|BELARUS|BELGICA|BELGIUM|BELICE|BELIZE|BENIN|BHUTAN|BOLIVIA|BOSNIA
    BOSNIA AND HERZEGOVINA|BOTSWANA|BRASIL|BRAZIL|BULGARIA|BURKINA FASO|BURMA|BURUNDI|CABO VERDE
    CAMBODIA|CAMEROON|CANADA|CAPE VERDE|CHAD|CHILE|CHINA|COLOMBIA|CONGO|COREA|COSTA RICA|COTE D IVOIRE
    CROATIA|CUBA|CYPRUS|CZECH REPUBLIC|CZECHIA|DENMARK|DOMINICA|DOMINICAN REPUBLIC|ECUADOR|EGIPTO|EGYPT
    EL SALVADOR|ENGLAND|ERITREA|ESPANA|ESTONIA|ETHIOPIA|FIJI|FILIPINAS|FINLAND|FRANCE|FRANCIA|GABON
    GAMBIA|GERMANY|DEUTSCHLAND|ALEMANIA|GHANA|GREAT BRITAIN|GREECE|GRENADA|GUATEMALA|GUINEA
    GUINEA BISSAU|GUYANA|HAITI|HONDURAS|HONG KONG|HUNGARY|ICELAND|INDIA|INDONESIA|INGLATERRA|IRAN|IRAQ
    IRELAND|ISRAEL|ITALIA|ITALY|IVORY COAST|JAMAICA|JAPAN|JAPON|JORDAN|KAZAKHSTAN|KENYA|KOSOVO|KUWAIT
    KYRGYZSTAN|LAOS|LATVIA|LEBANON|LIBANO|LESOTHO|LIBERIA|LIBYA|LITHUANIA|LUXEMBOURG|MACEDONIA
    MADAGASCAR|MALAWI|MALAYSIA|MALI|MALTA|MAURITANIA|MAURITIUS|MEXICO|MEJICO|MEX|MOLDOVA|MONGOLIA
    MONTENEGRO|MOROCCO|MARRUECOS|MOZAMBIQUE|MYANMAR|NAMIBIA|NEPAL|NETHERLANDS|HOLLAND|NEW ZEALAND
    NICARAGUA|NIGER|NIGERIA|NORTH KOREA|NORWAY|OMAN|PAKISTAN|PALESTINE|PANAMA|PARAGUAY|PERU|PHILIPPINES
    POLAND|POLONIA|PORTUGAL|QATAR|REPUBLICA DOMINICANA|REP DOMINICANA|REP DOM|REINO UNIDO|ROMANIA
    RUMANIA|RUSIA|RUSSIA|RWANDA|SAN SALVADOR|SAUDI ARABIA|SCOTLAND|SENEGAL|SERBIA|SIERRA LEONE|SINGAPORE
    SLOVAKIA|SLOVENIA|SOMALIA|SOUTH AFRICA|SOUTH KOREA|SOUTH SUDAN|SPAIN|SRI LANKA|ST LUCIA|SAINT LUCIA
    SUDAN|SURINAME|SWEDEN|SWITZERLAND|SUIZA|SYRIA|SIRIA|TAIWAN|TAJIKISTAN|TANZANIA|THAILAND|TIBET|TOGO
    TRINIDAD|TRINIDAD AND TOBAGO|TRINIDAD Y TOBAGO|TUNISIA|TURKEY|TURKIYE|TURQUIA|TURKMENISTAN|UGANDA
    UCRANIA|UKRAINE|UNITED ARAB EMIRATES|UAE|UNITED KINGDOM|U K|UK|URUGUAY|UZBEKISTAN|VENEZUELA|VIETNAM
    VIET NAM|WALES|YEMEN|ZAMBIA|ZIMBABWE
    """
)
"""Names in English and Spanish; Georgia is a state, and Puerto Rico, Guam and Samoa are not foreign."""

_REGIONS = phrases(
    """
    ONTARIO|QUEBEC|BRITISH COLUMBIA|ALBERTA|MANITOBA|SASKATCHEWAN|NOVA SCOTIA|NEW BRUNSWICK|NEWFOUNDLAND
    PRINCE EDWARD ISLAND|YUKON|NUNAVUT|AGUASCALIENTES|BAJA CALIFORNIA|BAJA CALIFORNIA SUR
    BAJA CALIFORNIA NORTE|CAMPECHE|CHIAPAS|CHIHUAHUA|COAHUILA|COLIMA|CIUDAD DE MEXICO|CDMX
    DISTRITO FEDERAL|MEXICO D F|MEXICO DF|DURANGO|GUANAJUATO|GUERRERO|HIDALGO|JALISCO|ESTADO DE MEXICO
    EDO DE MEX|EDO MEX|MICHOACAN|MORELOS|NAYARIT|NUEVO LEON|OAXACA|PUEBLA|QUERETARO|QUINTANA ROO
    SAN LUIS POTOSI|SINALOA|SONORA|TABASCO|TAMAULIPAS|TLAXCALA|VERACRUZ|YUCATAN|ZACATECAS
    """
)
_REGION_CODES = word_list(
    """
    ON QC BC AB MB SK NS NB NL PE YT NT NU BCS BCN JAL GTO CDMX DF CHIH COAH TAMPS MICH GRO OAX PUE QRO
    QROO SLP SIN SON TAB TLAX VER YUC ZAC CHIS CAMP DGO HGO MEX MOR NAY AGS EDOMEX
    """
)
_CITIES = phrases(
    """
    TIJUANA|MEXICALI|TECATE|ROSARITO|PLAYAS DE ROSARITO|CIUDAD JUAREZ|CD JUAREZ|HERMOSILLO|NUEVO LAREDO|REYNOSA
    MATAMOROS|MONTERREY|GUADALAJARA|ZAPOPAN|TLAQUEPAQUE|CULIACAN|MAZATLAN|LOS MOCHIS|ACAPULCO|CANCUN|PUEBLA|TOLUCA
    IRAPUATO|CELAYA|MORELIA|URUAPAN|SALTILLO|TORREON|TAMPICO|VERACRUZ|XALAPA|OAXACA|TAPACHULA|TUXTLA GUTIERREZ
    VILLAHERMOSA|CHIHUAHUA|ZACATECAS|AGUASCALIENTES|QUERETARO|SAN LUIS POTOSI|CUERNAVACA|ECATEPEC|NEZAHUALCOYOTL
    NAUCALPAN|TLALNEPANTLA|PIEDRAS NEGRAS|CIUDAD ACUNA|AGUA PRIETA|SAN LUIS RIO COLORADO|CIUDAD OBREGON
    CIUDAD VICTORIA|TEPIC|LEON GUANAJUATO|GUANAJUATO|TEHUACAN|COATZACOALCOS|TEGUCIGALPA|SAN PEDRO SULA|CHOLOMA
    COMAYAGUA|CHOLUTECA|SAN SALVADOR|SOYAPANGO|MEJICANOS|USULUTAN|SONSONATE|CHALATENANGO|AHUACHAPAN|GUATEMALA CITY
    CIUDAD DE GUATEMALA|QUETZALTENANGO|HUEHUETENANGO|ESCUINTLA|MIXCO|CHIMALTENANGO|TOTONICAPAN|SAN MARCOS GUATEMALA
    MANAGUA|ESTELI|CHINANDEGA|MATAGALPA|JINOTEGA|MASAYA|SANTIAGO DE LOS CABALLEROS|PORT AU PRINCE|CAP HAITIEN
    GONAIVES|LES CAYES|LA HABANA|SANTIAGO DE CUBA|CAMAGUEY|HOLGUIN|CARACAS|MARACAIBO|BARQUISIMETO|MARACAY|BOGOTA
    MEDELLIN|BARRANQUILLA|CUCUTA|BUCARAMANGA|QUITO|GUAYAQUIL|RIO DE JANEIRO|SAO PAULO|BELO HORIZONTE|GOIANIA
    GOVERNADOR VALADARES|BUENOS AIRES|COCHABAMBA|TORONTO|MONTREAL
    """
)
"""Cities abroad whose names the line of an address in the United States goes on with only by mistake."""
LAST_OF_CITY = frozenset(name.split()[-1] for name in _CITIES)
_LONGEST_CITY = max(len(name.split()) for name in _CITIES)
_CODES_BEHIND_A_CITY = word_list("SP RJ MG GO BA ES RS SC PE CE")
"""Codes of Brazilian states; some are states of the United States too."""
_STREET_WORDS_ABROAD = word_list(
    "CALLE AVE AV AVENIDA CALZADA CALZ BLVD BULEVAR PRIVADA PRIV CERRADA COL COLONIA FRACC RUA RUE"
)
_CODES_BEFORE_DIGITS = frozenset(
    (word,) for word in word_list("BC BCN BCS CDMX DF JAL GTO CHIH COAH TAMPS QRO SLP ZAC EDOMEX MEX")
)

FOREIGN_WORDS = frozenset(name.split()[0] for name in _COUNTRIES) | word_list("CP C")
"""No address with a state has a foreign country or a postal code of Mexico without one of these words."""
_CANADIAN_CODE = re.compile(
    r"\b[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z][ -]?\d[ABCEGHJ-NPRSTV-Z]\d\s*(?:CANADA)?\s*$"
)
_MEXICAN_CODE = re.compile(r"\bC\.?\s?P\.?:?\s\d{5}\b|\bC\.P\.\d{5}\b")
_BRITISH_CODE = re.compile(r"\b[A-PR-UWYZ][A-HK-Y]?\d[A-Z\d]? \d[ABD-HJLNP-UW-Z]{2}\s*$")
_LONGEST_NAME = 4
_PLACE_WORDS = frozenset(
    (word,) for word in word_list("NEW N S E W NORTH SOUTH EAST WEST FORT FT LAKE MT MOUNT PORT CALLE AVE")
)
"""Before a country's name they make another one: ``SOUTH HOLLAND`` is in Illinois."""


def is_foreign(reading: AddressReading) -> bool:
    """Whether the address is outside the United States: by country, by province, or by postal code.

    A country counts when it is the last thing, or a line of its own, and the locality is no place in the
    United States: ``MEXICO MO``, ``LEBANON PA`` and ``CANADA DR`` are not foreign.
    """
    if reading.state_text and not reading.state:
        return reading.state_text in _REGION_CODES or _is_abroad(reading.state_text)
    if reading.is_us_place and FOREIGN_WORDS.isdisjoint(reading.words):
        return _names_city_abroad(reading)
    if _MEXICAN_CODE.search(reading.text) is not None or _names_city_abroad(reading):
        return True
    if any(" ".join(line) in _COUNTRIES and not _is_near(line, reading) for line in reading.street):
        return True
    if reading.is_us_place:
        return False
    return _is_abroad(reading.city) or _ends_abroad(reading)


def _names_city_abroad(reading: AddressReading) -> bool:
    return not LAST_OF_CITY.isdisjoint(reading.words) and any(map(_goes_on_abroad, reading.street))


def _goes_on_abroad(line: Words) -> bool:
    """Whether a street line goes on with a city abroad: with its region or postal code, or behind a whole street.

    ``AVE REVOLUCION TIJUANA BC 22000`` does; ``TIJUANA ST`` and ``AVENIDA GUADALAJARA`` are named after the cities.
    """
    end = len(line)
    while end and (_is_postal_code(line[end - 1]) or line[end - 1] in _REGION_CODES | _CODES_BEHIND_A_CITY):
        end -= 1
    for length in (2, 1):
        if " ".join(line[max(end - length, 0) : end]) in _COUNTRIES:
            end -= length
            break
    while end and " ".join(line[:end][-1:]) in _REGIONS and " ".join(line[:end][-1:]) not in _CITIES:
        end -= 1
    length = next(
        (n for n in range(_LONGEST_CITY, 0, -1) if " ".join(line[max(end - n, 0) : end]) in _CITIES), 0
    )
    before = [word for word in line[: end - length] if not word.isdigit()]
    if not length:
        return False
    return end < len(line) or not before or (len(before) > 1 and not _STREET_WORDS_ABROAD.isdisjoint(before))


def _is_postal_code(word: str) -> bool:
    return word.isdigit() and len(word) == 5


def _is_abroad(name: str) -> bool:
    return name in _COUNTRIES or name in _REGIONS


def _is_near(line: Words, reading: AddressReading) -> bool:
    """Whether the line names a city of the address's own state or ZIP, such as Jamaica in New York."""
    city = canonical_city(" ".join(line))
    return is_city_of_state(city, reading.state) or city in cities_of_zip(reading.zip5)


def _ends_abroad(reading: AddressReading) -> bool:
    """Whether the text's end is a country, a province, or a postal code of another country."""
    if _CANADIAN_CODE.search(reading.text) or _BRITISH_CODE.search(reading.text):
        return True
    before, last = reading.words[:-1], reading.words[-1:]
    if not "".join(last).isdigit():
        return _ends_with_name(reading.words)
    return before[-1:] in _CODES_BEFORE_DIGITS or (not zip_exists(last[0]) and _ends_with_name(before))


def _ends_with_name(words: Words) -> bool:
    return any(
        _is_abroad(" ".join(words[-count:])) and words[-count - 1 : -count] not in _PLACE_WORDS
        for count in range(1, min(len(words), _LONGEST_NAME) + 1)
    )
