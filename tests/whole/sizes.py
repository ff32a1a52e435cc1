"""How large what is prepared for the tests is."""

PEOPLE_PER_REPORT, ITEMS_PER_PERSON = 5, 5
VALUES_PER_REPORT = 10
VALUES_OF_NEWCOMER = 20
