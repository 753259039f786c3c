using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>Holds written bills against the official CycloneDX schemas, which its own library on npm carries.</summary>
[TestClass]
public sealed class SbomSchemaTests
{
    private const string Script = """
        const fs = require('fs'), Ajv = require('ajv'), folder = 'node_modules/@cyclonedx/cyclonedx-library/res/schema/';
        const read = name => JSON.parse(fs.readFileSync(folder + name + '.SNAPSHOT.schema.json'));
        const ajv = new Ajv({ strict: false, allErrors: true, validateSchema: false });
        require('ajv-formats')(ajv); require('ajv-formats-draft2019')(ajv);
        for (const name of ['spdx', 'jsf-0.82', 'cryptography-defs']) { try { ajv.addSchema(read(name), 'http://cyclonedx.org/schema/' + name + '.SNAPSHOT.schema.json'); } catch (e) { if (!/already exists/.test(e.message)) throw e; } }
        const validate = ajv.compile(read('bom-1.6'));
        const valid = validate(JSON.parse(fs.readFileSync(process.argv[2])));
        if (!valid) console.log(JSON.stringify(validate.errors, null, 1));
        process.exit(valid ? 0 : 7);
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cbg-schema-");

    [TestCleanup]
    public void Clean() => _folder.Delete(recursive: true);

    [TestMethod]
    public async Task CycloneDx_fits_its_official_schema_and_a_broken_bill_does_not()
    {
        if (!ProcessRunner.Exists("npm"))
        {
            Assert.Inconclusive("npm is not installed.");
        }

        var install = await ProcessRunner.RunAsync("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--omit=optional", "@cyclonedx/cyclonedx-library@10.3.0", "ajv@8.20.0", "ajv-formats@3.0.1", "ajv-formats-draft2019@1.6.1"], _folder.FullName);
        if (install.ExitCode != 0)
        {
            Assert.Inconclusive($"npm cannot install the schemas here: {install.Output}");
        }

        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "validate.cjs"), Script);
        var good = Path.Combine(_folder.FullName, "bill.json");
        await using (var file = File.Create(good))
        {
            CycloneDxWriter.Write(SbomTests.Result, file, DateTimeOffset.UnixEpoch);
        }

        var bad = Path.Combine(_folder.FullName, "bad.json");
        await File.WriteAllTextAsync(bad, (await File.ReadAllTextAsync(good)).Replace("\"SHA-512\"", "\"SHA-0\"", StringComparison.Ordinal));
        var verdict = await Validate(good);
        Assert.AreEqual(0, verdict.ExitCode, verdict.Output);
        Assert.AreEqual(7, (await Validate(bad)).ExitCode);
    }

    private Task<ProcessResult> Validate(string bill) => ProcessRunner.RunAsync("node", ["validate.cjs", bill], _folder.FullName);
}
