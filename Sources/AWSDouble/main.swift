import ArgumentParser

// No `await` at this level: the main thread only waits for the end.
DoubleProgram.main()
