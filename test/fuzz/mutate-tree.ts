import type { Draws } from '../chaos/draws.ts';
import { mutateText } from './mutate-text.ts';
import { oddNumber, oddText, oddValue } from './odd-values.ts';

type Container = unknown[] | Record<string, unknown>;

interface Place {
  readonly container: Container;
  readonly key: string;
}

/**
 * Returns a copy of parsed JSON with one to four random changes of values, types, keys and structure. `donors` are
 * other trees of the same format, whose parts can be inserted.
 */
export function mutateTree(root: unknown, draws: Draws, donors: readonly unknown[] = []): unknown {
  // In a container, so that the root can be replaced too.
  const holder: Container = [structuredClone(root)];
  const changes = draws.pick([1, 1, 1, 2, 2, 3, 4]);
  for (let i = 0; i < changes; i++) {
    const places = placesIn(holder, 20_000);
    if (places.length > 0) changeAt(draws.pick(places), places, draws, donors);
  }
  return Array.isArray(holder) ? holder[0] : undefined;
}

/**
 * Returns a copy of parsed JSON with one to three changes after which it is often still valid: a part is left out or
 * repeated, or has a value that the same key has in one of the `donors`.
 */
export function mutateMildly(root: unknown, draws: Draws, donors: readonly unknown[]): unknown {
  const tree = structuredClone(root);
  if (!isContainer(tree)) return tree;
  const known = placesIn([...donors], 100_000);
  const changes = draws.pick([1, 1, 2, 3]);
  for (let i = 0; i < changes; i++) {
    const places = placesIn(tree, 20_000);
    if (places.length > 0) changeMildly(draws.pick(places), known, draws);
  }
  return tree;
}

function changeMildly(place: Place, known: readonly Place[], draws: Draws): void {
  if (draws.below(3) === 0) remove(place);
  else if (Array.isArray(place.container)) place.container.push(structuredClone(valueAt(place)));
  else {
    const values = known.filter(({ key }) => key === place.key).map(valueAt);
    if (values.length > 0) set(place, structuredClone(draws.pick(values)));
  }
}

/** Returns all places below a container, without recursion, because trees can be deep. */
function placesIn(root: Container, limit: number): readonly Place[] {
  const places: Place[] = [];
  const rest: Container[] = [root];
  for (let container = rest.pop(); container !== undefined && places.length < limit; container = rest.pop()) {
    for (const key of Object.keys(container)) {
      places.push({ container, key });
      const value = valueAt({ container, key });
      if (isContainer(value)) rest.push(value);
    }
  }
  return places;
}

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null;
}

function valueAt({ container, key }: Place): unknown {
  return Object.getOwnPropertyDescriptor(container, key)?.value;
}

/** Sets a property without calling the setter of `__proto__`. */
function set({ container, key }: Place, value: unknown): void {
  Object.defineProperty(container, key, { value, writable: true, enumerable: true, configurable: true });
}

function remove({ container, key }: Place): void {
  if (Array.isArray(container)) container.splice(Number(key), 1);
  else delete container[key];
}

function changeAt(place: Place, places: readonly Place[], draws: Draws, donors: readonly unknown[]): void {
  const value = valueAt(place);
  switch (draws.below(12)) {
    case 0:
      set(place, oddValue(draws));
      break;
    case 1:
      remove(place);
      break;
    case 2:
      set(place, changedScalar(value, draws));
      break;
    case 3:
      set(place, draws.below(2) === 0 ? [value] : { [oddText(draws)]: value });
      break;
    case 4:
      rename(place, places, draws);
      break;
    case 5:
      set({ ...place, key: Array.isArray(place.container) ? place.key : oddText(draws) }, oddValue(draws));
      break;
    case 6: {
      const other = draws.pick(places);
      set(place, structuredClone(valueAt(other)));
      break;
    }
    case 7:
      if (Array.isArray(value)) set(place, draws.shuffled(value.slice(0, 200)));
      else set(place, otherType(value));
      break;
    case 8:
      if (Array.isArray(place.container)) {
        const copies = draws.pick([1, 2, 30]);
        if (place.container.length < 2000)
          place.container.push(...Array.from({ length: copies }, () => structuredClone(value)));
      } else set(place, otherType(value));
      break;
    case 9: {
      const donor = donors.length === 0 ? undefined : draws.pick(donors);
      if (!isContainer(donor)) break;
      const parts = placesIn(donor, 5000);
      if (parts.length > 0) set(place, structuredClone(valueAt(draws.pick(parts))));
      break;
    }
    case 10:
      if (typeof value === 'string') replaceAll(value, places, oddText(draws));
      else set(place, changedScalar(value, draws));
      break;
    default:
      set(place, changedScalar(value, draws));
  }
}

/** Replaces a text in all places that have it, such as the name of a stream in all of its rows. */
function replaceAll(text: string, places: readonly Place[], replacement: string): void {
  for (const place of places) if (valueAt(place) === text) set(place, replacement);
}

function rename(place: Place, places: readonly Place[], draws: Draws): void {
  if (Array.isArray(place.container)) return;
  const value = valueAt(place);
  remove(place);
  const key = draws.below(2) === 0 ? oddText(draws) : draws.pick(places).key;
  set({ container: place.container, key: draws.below(4) === 0 ? mutateText(place.key, draws) : key }, value);
}

function changedScalar(value: unknown, draws: Draws): unknown {
  if (typeof value === 'string') return draws.below(3) === 0 ? oddText(draws) : mutateText(value, draws);
  if (typeof value === 'number') {
    return draws.pick([value + 1, value - 1, -value, value * 1000, value / 1000, oddNumber(draws)]);
  }
  if (typeof value === 'boolean') return !value;
  return oddValue(draws);
}

function otherType(value: unknown): unknown {
  if (typeof value === 'string') return value.trim() === '' ? null : Number(value) || [value];
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return value[0] ?? null;
  return isContainer(value) ? Object.values(value) : '';
}
