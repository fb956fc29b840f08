import CommandLine

await PenstockMain.run()
