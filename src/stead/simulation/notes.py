"""What clinicians of the demo write: notes put together from sentences of our own, no two patients and visits alike.

A patient has one theme from the first visit on, and a life around it (work, home, sleep) that comes back in every note.
The same seed, patient and visit number give the same words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from uuid import UUID


@dataclass(frozen=True)
class Theme:
    """What somebody comes for: a diagnosis code, why they came, what a session is about, what is done, how it goes."""

    code: str
    reason: str
    told: tuple[str, ...]
    did: tuple[str, ...]
    better: tuple[str, ...]
    stuck: tuple[str, ...]
    tasks: tuple[str, ...]
    goal: str


WORRY = Theme(
    "F411", "Worry on most days for over a year, about money, health and the children; cannot switch it off at night.",
    ("Worry took up less of the evenings, most of it about {work}.",
     "Lay awake on three nights going over {work}; got up and wrote the worries down on one of them.",
     "Noticed tight shoulders and checking the phone before every talk about {work}.",
     "Put off a telephone call for four days, made it on the fifth, and it took six minutes.",
     "Asked {close} for reassurance less often, by own count four times against eleven.",
     "A medical test came back clear, and the worry moved to the next thing within a day."),
    ("Sorted the week's worries into those with a next step and those without; planned one step for each of two.",
     "Practised putting off worry to a set half hour; wrote down what makes that hard.",
     "Went through one prediction of the last session against what happened.",
     "Practised slow breathing out loud for ten minutes and rated tension before and after, 7 to 4.",
     "Looked at the cost of checking and agreed which of the checks to leave out first."),
    ("Worry is shorter and less believed; sleep is up by about an hour.", "Fewer checks and one feared call made: "
     "moving toward the goal.", "Names worry as worry earlier in the day than a month ago."),
    ("Worry as frequent as last time; the worry half hour was kept on two days only.",
     "Avoidance has grown around {work}; insight is good, practice is thin."),
    ("keep the worry half hour at six each evening", "write down one prediction a day and what came of it",
     "leave out the second check of the door and of the mail", "ten minutes of slow breathing before bed"),
    "Worry no more than half an hour a day, and six hours of sleep on five nights of seven.",
)  # fmt: skip
LOW = Theme(
    "F331", "Low and slow since spring; second time in life. Stopped seeing friends; gets through work, little else.",
    ("Got up at the set time on four of seven days; walked twice, once with {close}.",
     "Spent most of the weekend in bed and missed a birthday; ashamed to have told nobody why.",
     "Managed {work} with more breaks; ate one cooked meal a day.",
     "Cried less often. Answered two messages from friends and left three.",
     "A quarrel with {close} on Sunday; low for two days after, then back to the plan.",
     "Played music for the first time since March, for twenty minutes."),
    ("Filled in the plan of the week with one pleasant and one useful thing a day, small enough for a bad day.",
     "Traced the low of Sunday back through what happened, what was thought and what was done.",
     "Weighed the sentence 'I let everybody down' against the last two weeks.",
     "Rehearsed telling {close} what helps and what does not.",
     "Reviewed the mood chart together; the better days are the days with a walk."),
    ("Mood lifts on days with activity and the patient has begun to plan for it.",
     "Out of the house daily; appetite back; still tired.", "More contact, fewer hours in bed: improving."),
    ("Mood unchanged; activity dropped after a hard week, and self-blame is high.",
     "Progress has paused; sleep is broken and the mornings are lost."),
    ("get up at seven, whatever the night was", "a walk on four days, one of them with somebody",
     "one meal cooked and eaten at the table each day", "answer one message a day"),
    "Out of bed by seven on six days, three things with other people a week, mood score under ten.",
)  # fmt: skip
CHANGE = Theme(
    "F4323", "Tense and tearful since a change four months ago ({change}); was well before.",
    ("The week turned around {change}; slept well until Thursday, then badly.",
     "Signed the papers that had lain on the table for a month, with {close} beside.",
     "Told two people at {work} what had happened; both were kind, and that was hard too.",
     "Felt steady for four days and guilty about it.", "Sorted one room, kept a box and closed it."),
    ("Drew up what has been lost, what is kept and what is new, and stayed with each for a while.",
     "Made a list of what is in the patient's hands this month and what is not.",
     "Practised a short answer to the question how it is going.",
     "Went through a hard evening step by step and found where it could turn."),
    ("Adjusting: longer steady stretches, one hard evening instead of four.",
     "Speaks of the change in the past tense for the first time.", "Asks for help and takes it."),
    ("The anniversary brought everything back; coping held, barely.",
     "Keeps busy to avoid feeling; knows it, and is not ready to stop."),
    ("one evening a week with people and without the topic", "write a letter that will not be sent",
     "keep the bedtime of ten thirty", "finish the list of what is in hand"),
    "Daily life around the change without tears at work, and a plan for the next six months.",
)  # fmt: skip
PAST = Theme(
    "F4310", "Nightmares, startle and avoidance for two years after {event}; came because {close} asked.",
    ("Two nightmares this week against five; drove past the place once, with the radio on.",
     "Startled by a dropped tray at {work} and stayed in the room.",
     "Avoided the news all week; slept with the light on for three nights.",
     "Told {close} a part of what happened, for the first time.",
     "Stayed through the crowded hour at the store with a partner, distress from 8 down to 5."),
    ("Worked on one point where the patient is sure of being to blame, and on what was known at the time.",
     "Went on with the written account and read it aloud; stayed with it until distress fell by half.",
     "Practised grounding with five things seen, four heard, until the pulse was slower.",
     "Chose the next step on the list of avoided places, rated 5 of 10."),
    ("Distress during the account fell from 8 to 4; sleeps longer. Working as planned.",
     "Less avoidance, more anger, which the patient finds easier to carry than guilt."),
    ("A hard week after the hearing; avoidance is up. Pace agreed to be slower for two sessions.",
     "Numb for most of the hour; grounding helped toward the end."),
    ("read the account once a day", "go to the store on two weekday mornings", "grounding on waking",
     "leave one light less on at night"),
    "Under two nightmares a week, drives alone, and is at places again that matter.",
)  # fmt: skip
PANIC = Theme(
    "F410", "Sudden fear with racing heart since summer, twice in the emergency room, heart found healthy.",
    ("One full attack, on the bridge; did not turn back.",
     "No attack this week and much waiting for one.",
     "Took the elevator at {work} three times; the fear peaked at 6 and fell before the fourth floor.",
     "Left a store when the heart began to race; ashamed, and went back the next day with {close}."),
    ("Brought on the feared feelings by breathing fast and spinning in a chair; fear from 7 to 3 by the fourth round.",
     "Went over what the heart does in fear and what it does in illness, with the patient's own record.",
     "Planned the next drive over the bridge: when, alone, without water and without the phone in hand."),
    ("Fewer attacks and less fear of the next one.", "Stays in places until the fear falls: the key to it is there."),
    ("Safety habits hold the fear up: water, exits, phone. Willing to drop the water first.",
     "A cold was read as a heart attack; a step back, talked through."),
    ("cross the bridge on four days", "spin and breathe fast once a day, and write down the fear",
     "leave the water at home"),
    "No trip given up for fear in four weeks.",
)  # fmt: skip
HOLDING = Theme(
    "F3341", "Was low last winter, is well again but for tired mornings; comes to keep it that way.",
    ("A good fortnight: worked full days, saw friends, slept seven hours.",
     "Noticed early signs, later bedtimes and skipped walks, and turned back within three days.",
     "Busy at {work}; let the walks go and felt it by Friday."),
    ("Went through the list of early signs and who may say them aloud; {close} is one.",
     "Looked ahead to the dark months and set what stays in the week whatever comes."),
    ("Well and watchful. Mood score 4.", "Holding; uses the plan without being reminded."),
    ("Two early signs for a week; the plan began on day eight instead of day three.",),
    ("walk before work on three days", "tell {close} when two early signs last three days", "lights out at eleven"),
    "No week under the line that was drawn together, through March.",
)  # fmt: skip
TWO = Theme(
    "Z630", "Quarrels with {partner} that end in days of silence; wants to talk again before deciding anything.",
    ("One long quarrel about money; they found back to each other the same evening, a first.",
     "Three days of silence after a remark about the in-laws.",
     "Held the weekly talk; twenty minutes, no raised voices.",
     "{partner_up} came along for half the session and said what is missed most."),
    ("Slowed the quarrel down line by line; found the moment when both stop listening.",
     "Practised saying a wish without a reproach, and hearing one.",
     "Set rules for breaks: who calls it, how long, who comes back first."),
    ("Repairs come faster; fewer days of silence.", "Both keep the weekly talk, and it changes tone."),
    ("The pattern is seen and not yet stopped.", "Trust is low after a discovery; asked for slow steps."),
    ("hold the weekly talk on Sunday at five", "call one break before voices rise",
     "say one thing a day that went well"),
    "No silence longer than a day, and the weekly talk held for two months.",
)  # fmt: skip
THEMES = (WORRY, LOW, CHANGE, PAST, PANIC, HOLDING, TWO)

WORK = (
    "the warehouse",
    "the school",
    "the hospital",
    "the new job",
    "the shop",
    "the office",
    "the plant",
    "the nights",
)
CLOSE = ("a sister", "a brother", "the mother", "a friend from church", "a neighbor", "the oldest daughter", "a cousin")
CHANGE_OF = (
    "a separation",
    "the loss of a job",
    "a move",
    "a death in the family",
    "a diagnosis",
    "a child leaving home",
)
EVENT = ("a car crash", "an assault", "a house fire", "service abroad", "a birth that went wrong")
PARTNER = ("the wife", "the husband", "the partner")
OPENINGS = (
    "On time, alert, well kept.", "Came tired from work, talked freely.", "Quiet at first, then open.",
    "Came ten minutes early; restless in the chair.", "In good spirits.", "Flat voice, good contact.",
    "Tearful for some minutes in the middle of the hour.", "Brought the homework, half of it done.",
    "Had not done the homework and said so.", "Friendly, a little rushed.",
)  # fmt: skip
VIDEO_OPENINGS = (
    "By video from home, door closed, picture steady.",
    "By video from a parked car, alone; address confirmed.",
)
SAFE = (
    "No thoughts of suicide or of harming anybody.", "Asked about suicide: none, and none since the last visit.",
    "No danger to self or others seen or told.", "Passing thoughts of not waking up, no plan, no intent; the safety "
    "plan was read again together.", "Denies thoughts of suicide; names two people to call.",
)  # fmt: skip
SAFE_WEIGHTS = (8, 8, 8, 1, 5)
PACE = (
    "Weekly as before.",
    "Next visit in a week.",
    "Same time next week.",
    "In two weeks, as agreed.",
    "Weekly for now.",
)
FAMILY = (
    "grew up with both parents",
    "raised by a grandmother",
    "one of five",
    "an only child",
    "parents apart since school",
)
HEALTH = (
    "No medication, no illness of note.", "Takes thyroid medication; sees the family doctor twice a year.",
    "High blood pressure, treated.", "Back pain after an injury; no pain medication.", "Migraine, some months none.",
)  # fmt: skip
BEFORE = (
    "No treatment before.", "Six sessions four years ago, helpful.", "Took an antidepressant for a year.",
    "Saw a school counselor at sixteen.", "Couple sessions once, broken off.",
)  # fmt: skip
DRINK = ("Drinks rarely.", "A glass of wine on weekends.", "Stopped drinking two years ago.", "No alcohol, no drugs.")
STRENGTHS = ("Keeps appointments, reads, laughs.", "Close to {close}; keeps a garden.", "Steady at {work} for years.",
             "Faith and a choir.", "Two friends who know.")  # fmt: skip


class Writer:
    """Writes one patient's notes."""

    def __init__(self, seed: int, patient: UUID) -> None:
        self.seed, self.patient = seed, patient
        life = self._random("life")
        self.theme = life.choice(THEMES)
        partner = life.choice(PARTNER)
        self.words = {
            "work": life.choice(WORK), "close": life.choice(CLOSE), "change": life.choice(CHANGE_OF),
            "event": life.choice(EVENT), "partner": partner, "partner_up": partner.capitalize(),
        }  # fmt: skip

    @property
    def code(self) -> str:
        return self.theme.code

    def note(self, template: str, number: int, *, by_video: bool = False) -> Mapping[str, str]:
        """Return the parts of the note of the patient's visit `number`."""
        pick = self._random(template, number)
        parts = self._intake(pick) if template == "intake" else self._progress(pick, number, by_video)
        return {key: words.format(**self.words) for key, words in parts.items()}

    def _random(self, *about: object) -> Random:
        return Random("|".join(map(str, (self.seed, self.patient, *about))))  # noqa: S311 - a story

    def _progress(self, pick: Random, number: int, by_video: bool) -> dict[str, str]:
        theme = self.theme
        told = pick.sample(theme.told, 2)
        goes_well = pick.random() < min(0.35 + 0.05 * number, 0.85)
        opening = pick.choice(VIDEO_OPENINGS if by_video else OPENINGS)
        return {
            "data": f"{opening} {told[0]} {told[1]} {pick.choice(theme.did)}",
            "assessment": f"{pick.choice(theme.better if goes_well else theme.stuck)}"
            f" {pick.choices(SAFE, SAFE_WEIGHTS)[0]}",
            "plan": f"Until then: {pick.choice(theme.tasks)}. {pick.choice(PACE)}",
        }

    def _intake(self, pick: Random) -> dict[str, str]:
        theme = self.theme
        return {
            "concern": theme.reason,
            "history": f"{pick.choice(FAMILY).capitalize()}. Works at {{work}}. {pick.choice(HEALTH)}"
            f" {pick.choice(BEFORE)} {pick.choice(DRINK)}",
            "risk": pick.choices(SAFE[:3], SAFE_WEIGHTS[:3])[0] + " No weapons at home." * (pick.random() < 0.5),
            "impression": f"Fits {theme.code}; other causes were asked about and are less likely. "
            f"{pick.choice(('Motivated.', 'In doubt whether talking helps, willing to try.', 'Hopeful.'))}",
            "plan": f"Goal: {theme.goal} Weekly sessions, looked at together after eight. First step: "
            f"{pick.choice(theme.tasks)}.",
            "strengths": pick.choice(STRENGTHS),
        }
