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

it('answers at once while it remembers, and asks again after its time', async () => {
  const { scene, memory } = createScene();
  expect(await memory.get('a')).toBe('a1');
  scene.at = 999;
  expect(memory.get('a')).toBe('a1');
  scene.at = 1000;
  expect(await memory.get('a')).toBe('a2');
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
