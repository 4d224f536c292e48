/**
 * Whole numbers of 32 random bits from sfc32 (Chris Doty-Humphrey, PractRand): 128 bits of state, one of its words a counter, so that
 * streams of different seeds do not run into each other. The same seed and stream give the same numbers on every machine.
 */
export function randomBits(seed: number, stream: number): () => number {
  let a = seed | 0;
  let b = stream | 0;
  let c = 0;
  let counter = 1;
  const next = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  // PractRand's number of rounds after seeding, until every bit of the seed has reached all of the state.
  for (let round = 0; round < 12; round++) next();
  return next;
}
