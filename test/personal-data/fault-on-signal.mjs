// Preloaded into a server process by a test: SIGUSR2 leaves a promise rejected that nobody looks at, with an error such as the database driver makes.
process.on('SIGUSR2', () => {
  const quoted = process.env['QUOTED'] ?? '';
  void Promise.reject(
    Object.assign(new Error(`duplicate key "${quoted}"`), { code: '23505', detail: `Key (email)=(${quoted}) already exists.` }),
  );
});
