"""Category licence_plate: cars in streets, a lorry's doors, a collection on a garage wall."""

from dataclasses import replace
from functools import partial

from generator.catalogue import Sample
from generator.content.light import CLEAN, DAY, LEAFY, STREET_LAMP
from generator.photo import Shot
from generator.scenes.plates import Car, Plate, garage_wall, lorry_door, on_the_road

LAKES = Plate("4KTZ 829", state="Northmoor", motto="LAND OF QUIET LAKES", ink=(22, 40, 110))
FARMS = Plate("RVT-3096", state="Eastvale", motto="HARVEST COUNTY")
RED = Car((168, 28, 30), "Velora", "QZ 240", LAKES)
SILVER = Car((150, 154, 160), "Norvik", "Tourer", Plate("KB 4827 RS", band="N"))
BLUE = Car((32, 58, 116), "Halden", "E-Line", Plate("7 BXR 516", band="L", ground=(240, 200, 40)))
GREEN = Car((30, 74, 58), "Ardent", "Sport", FARMS)
BLACK = Car((36, 37, 42), "Corvane", "300 d", Plate("MH 62 PLW", band="D"))
LORRY = Plate("TR 905 KX", state="Westmark", motto="COMMERCIAL", ground=(246, 226, 170), ink=(120, 20, 24))
COLLECTION = [
    Plate("829 FGH", state="Lakeland", motto="COUNTRY ROADS", ground=(226, 232, 222), ink=(20, 86, 60)),
    Plate("DUST 41", state="Redmesa", motto="CANYON STATE", ground=(236, 196, 130), ink=(120, 40, 20)),
    Plate("BN 7364", state="Portwick", motto="HARBOR TOWN", ground=(208, 224, 238), ink=(26, 46, 96)),
    Plate("6ZKA 103", state="Pineford", motto="EVER GREEN", ground=(238, 236, 220), ink=(30, 60, 34)),
    Plate("HX 2058 T", band="S"),
]


def samples() -> list[Sample]:
    """The category's pictures."""
    frame = (1024, 768)
    low_sun = replace(DAY, tint=(1.1, 1.0, 0.84), glare=(0.2, 0.12, 0.5))
    shaken = replace(DAY, blur=0.9, motion=3, motion_angle=15)
    notices = ["NO STEP", "MAX LOAD 7500 KG"]
    paints = [
        ("test1.png", partial(on_the_road, RED, Shot((640, 480), (8, 4, 0), CLEAN, 0.3))),
        ("licence_plate_01.jpg", partial(on_the_road, SILVER, Shot(frame, (-22, 5, 1), DAY, 0.46))),
        ("licence_plate_02.jpg", partial(on_the_road, BLUE, Shot(frame, (18, 7, -2), low_sun, 0.44))),
        ("licence_plate_03.jpg", partial(on_the_road, GREEN, Shot((1280, 960), (26, 6, 2), DAY, 0.6))),
        (
            "licence_plate_04.jpg",
            partial(on_the_road, BLACK, Shot(frame, (-10, 4, 3), STREET_LAMP, 0.46), night=True),
        ),
        (
            "licence_plate_05.jpg",
            partial(lorry_door, LORRY, notices, Shot((960, 720), (-20, 5, 1.5), shaken)),
        ),
        ("licence_plate_06.jpg", partial(garage_wall, COLLECTION, Shot((1200, 900), (12, -8, -1.5), LEAFY))),
    ]
    return [Sample(name, "licence_plate", paint) for name, paint in paints]
