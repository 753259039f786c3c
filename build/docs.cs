// Writes what is generated in docs: the index of the rules.
#:project ../tests/ContainerBuildGuard.Testing/ContainerBuildGuard.Testing.csproj
using ContainerBuildGuard.Testing;

File.WriteAllText(RuleIndex.Path, RuleIndex.ToMarkdown());
Console.WriteLine($"{RuleIndex.Path} is current.");
