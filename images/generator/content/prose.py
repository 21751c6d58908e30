"""Longer texts for pages and leaflets."""

MARSH = (
    "The path along the sea wall is about 9 km long and takes three hours at an easy pace. Boots are "
    "advised from October to April, when the lower fields are often under water after rain.",
    "Start at the old pump house, where a board shows the height of the tide for the day. Turn left "
    "at the second gate and keep the reed beds on your right until you reach a brick hut with a green "
    "door (key at the farm).",
    "In spring the first lapwings come back before the ice has gone from the ditches. They tumble "
    "over the grass with a thin, creaking call; by the end of May their chicks run between the cattle "
    "and are hard to see.",
    "Do not leave the wall between 1 March and 15 July. A single walker on the mud can drive more "
    "than 400 birds from their nests, and every flight costs them strength they need for the long way "
    "north.",
    "At low water you may see the posts of an old fish trap. They were cut from oak in about 1270 and "
    "kept by the wet clay; two of them are on show in the village hall, open on Sundays from 2 to 5 "
    "pm.",
    "The last part of the way follows the railway. Trains are rare (four a day), yet the crossing has "
    "no barrier: stop, look both ways and listen. From there it is 600 m to the bus stop and the "
    "Three Herons tea room.",
    "Dogs must be kept on a lead at all times. Please take your litter home; the bins at the car park "
    "are emptied only twice a week and foxes open them at night.",
    "If you find a ring on a dead bird, write down its number, the date and the place, and send them "
    "to the warden. In 2018 a ring from this marsh came back from a harbour 5,200 km away.",
)


DROPS = (
    "WHAT THESE DROPS ARE FOR. Calmivar eases dry, itching eyes after long work at a screen, in "
    "heated rooms or in wind. It contains no colouring matter and no alcohol.",
    "BEFORE YOU USE THEM. Do not use Calmivar if you had a rash from eye drops before, if the seal of "
    "the bottle is broken, or later than 28 days after opening. Ask your doctor when your sight is "
    "blurred or painful.",
    "HOW TO USE THEM. Wash your hands. Tilt your head back, pull the lower lid down and let one drop "
    "fall into the pocket. Adults and children over 12: one drop in each eye, up to 4 times a day "
    "(every 6 hours).",
    "Wait 15 minutes before you put contact lenses back. If you forgot a dose, do not take two at "
    "once. Should you swallow some by mistake, drink a glass of water; no harm is known.",
    "SIDE EFFECTS. Common (up to 1 in 10): short stinging. Rare (up to 1 in 1,000): swollen lids, a "
    "bitter taste. Stop and see a doctor if the redness gets worse after 3 days.",
    "STORAGE. Below 25 C, in the box, out of the reach of children. Do not freeze. One millilitre "
    "holds 1.5 mg of sodium hyaluronate, 8.2 mg of sodium chloride, buffer (E339) and water.",
    "Bottle of 10 ml. Batch 7K-2093. Made in Westmark. Leaflet last revised in 06/2021.",
)


TERMS = (
    "1. The ticket is valid for one journey on the day printed on it, in the direction shown, and "
    "must be kept until the traveller has left the platform.",
    "2. A break of the journey is allowed once, for up to four hours, at any station marked with a "
    "dot in the map. The time is counted from the arrival printed in the timetable, not from the real "
    "one.",
    "3. Children under 6 travel free; up to two of them per adult. From 6 to 14 they pay half, "
    "rounded up to the next 5 cents. Prams, skis and one small dog in a basket are free of charge.",
    "4. When a train is more than 60 minutes late, a quarter of the fare is paid back on request; "
    "when it is more than 120 minutes late, half of it. Sums below 4.00 are not paid out.",
    "5. Lost tickets are not replaced. Found objects are kept for 30 days at Eastvale Central, window 12.",
    "6. Whoever travels without a valid ticket pays 60.00 or twice the fare, whichever is higher, "
    "within 14 days.",
    "7. Bicycles need a ticket of their own (5.50) and a place in the first coach; there are eight of them.",
    "8. Smoking is not permitted in any part of the train or in the waiting rooms.",
)
