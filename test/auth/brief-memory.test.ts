import { expect, it } from 'vitest';
import { createBriefMemory } from '../../src/auth/brief-memory.ts';

function createScene(maxEntries = 100) {
  const scene = { at: 0, loads: 0, fail: false, release: undefined as (() => void) | undefined };
  const memory = createBriefMemory<string>({
    keepMs: 1000,
    maxEntries,
    now: () => scene.at,
    load: async (key) => {
      scene.loads += 1;
      const turn = scene.loads;
      if (scene.release === undefined && scene.at < 0) await new Promise<void>((resolve) => (scene.release = resolve));
      if (scene.fail) throw new Error('away');
      return `${key}${turn}`;
    },
  });
  return { scene, memory };
}

const aMoment = () => new Promise((resolve) => setImmediate(resolve));

it('answers at once while it remembers, and asks again after its time', async () => {
  const { scene, memory } = createScene();
  expect(await memory.get('a')).toBe('a1');
  scene.at = 499;
  expect(memory.get('a')).toBe('a1');
  scene.at = 1000;
  expect(await memory.get('a')).toBe('a2');
});

it('asks again in time for those who keep asking, so that nobody waits while a key is in use', async () => {
  const { scene, memory } = createScene();
  await memory.get('a');
  scene.at = 500;
  expect([memory.get('a'), memory.get('a'), scene.loads]).toEqual(['a1', 'a1', 2]);
  await aMoment();
  expect([memory.get('a'), scene.loads]).toEqual(['a2', 2]);
  scene.at = 1499;
  expect(memory.get('a')).toBe('a2');
});

it('has those who come after its time wait for what was asked in time', async () => {
  const { scene, memory } = createScene();
  await memory.get('a');
  scene.at = 500;
  expect([memory.get('a'), memory.get('a')]).toEqual(['a1', 'a1']);
  scene.at = 1000;
  expect(await memory.get('a')).toBe('a2');
  expect(scene.loads).toBe(2);
});

it('remembers nothing longer because asking again failed', async () => {
  const { scene, memory } = createScene();
  await memory.get('a');
  scene.at = 600;
  scene.fail = true;
  expect(memory.get('a')).toBe('a1');
  await aMoment();
  scene.at = 999;
  expect(memory.get('a')).toBe('a1');
  await aMoment();
  scene.at = 1000;
  await expect(memory.get('a')).rejects.toThrow('away');
});

it('does not remember what was asked before everything was forgotten', async () => {
  const { scene, memory } = createScene();
  await memory.get('a');
  scene.at = 500;
  expect(memory.get('a')).toBe('a1');
  memory.clear();
  await aMoment();
  expect(await memory.get('a')).toBe('a3');
});

it('shares one load among those who ask for the same key meanwhile', async () => {
  const { scene, memory } = createScene();
  expect(await Promise.all([memory.get('a'), memory.get('a'), memory.get('b')])).toEqual(['a1', 'a1', 'b2']);
  expect(scene.loads).toBe(2);
});

it('does not join a load that began too long ago', async () => {
  const { scene, memory } = createScene();
  scene.at = -1;
  const slow = memory.get('a');
  scene.at = 999;
  expect(await memory.get('a')).toBe('a2');
  scene.release?.();
  expect(await slow).toBe('a1');
  expect(memory.get('a')).toBe('a2');
});

it('forgets a failure at once', async () => {
  const { scene, memory } = createScene();
  scene.fail = true;
  await expect(memory.get('a')).rejects.toThrow('away');
  scene.fail = false;
  expect(await memory.get('a')).toBe('a2');
});

it('never holds more than its limit', async () => {
  const { scene, memory } = createScene(2);
  for (const key of ['a', 'b', 'c']) await memory.get(key);
  expect(memory.get('c')).toBe('c3');
  expect(memory.get('b')).toBe('b2');
  expect(await memory.get('a')).toBe('a4');
  expect(scene.loads).toBe(4);
});
