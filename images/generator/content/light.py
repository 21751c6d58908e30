"""The light in which the pictures are taken."""

from dataclasses import replace

from generator.photo import Exposure

DAY = Exposure(blur=0.7, noise=2.2, light_angle=60, light_fall=0.3)
LEAFY = Exposure(blur=0.8, noise=2.4, shadows=2, light_angle=20)
HAZY = replace(DAY, contrast=0.82, blur=0.9, noise=3)
LAMP = Exposure(blur=0.7, noise=2.8, tint=(1.08, 0.98, 0.84), light_angle=130, light_fall=0.45, vignette=0.3)
ROOM = Exposure(blur=0.8, noise=2.8, tint=(1.06, 0.98, 0.87), light_angle=150, light_fall=0.4, vignette=0.28)
NIGHT = Exposure(blur=0.9, noise=4.5, light_fall=0.05, vignette=0.3)
STREET_LAMP = replace(DAY, brightness=0.7, tint=(1.06, 0.96, 0.82), noise=5, vignette=0.4)
CLEAN = Exposure(noise=0.6)
"""For the two PNG files, which store noise badly."""
