namespace ContainerBuildGuard.SecretsManagement;

/// <summary>How values are written in a file.</summary>
internal enum FileSyntax
{
    /// <summary>Anything: log, note, unknown extension.</summary>
    Text,
    Json,
    Xml,
    Yaml,

    /// <summary>A line is <c>name = value</c>: .env, INI, properties, TOML.</summary>
    Lines,

    /// <summary>A programming language: only literals are values.</summary>
    Code,
    Shell,
    Sql,

    /// <summary>Prose with examples.</summary>
    Documentation,
}

/// <summary>What is known of a file before its content is judged.</summary>
internal sealed partial record FileContext(string Path, bool IsApp)
{
    private FileSyntax? _syntax;
    private bool? _isLock;
    private bool? _isTranslation;

    private static readonly Dictionary<string, FileSyntax> ByExtension = new(StringComparer.OrdinalIgnoreCase)
    {
        [".json"] = FileSyntax.Json, [".jsonc"] = FileSyntax.Json, [".json5"] = FileSyntax.Json, [".webmanifest"] = FileSyntax.Json, [".ipynb"] = FileSyntax.Json, [".tfstate"] = FileSyntax.Json, [".har"] = FileSyntax.Json,
        [".xml"] = FileSyntax.Xml, [".config"] = FileSyntax.Xml, [".csproj"] = FileSyntax.Xml, [".props"] = FileSyntax.Xml, [".targets"] = FileSyntax.Xml, [".pubxml"] = FileSyntax.Xml, [".user"] = FileSyntax.Xml,
        [".settings"] = FileSyntax.Xml, [".resx"] = FileSyntax.Xml, [".publishsettings"] = FileSyntax.Xml, [".xaml"] = FileSyntax.Xml, [".plist"] = FileSyntax.Xml, [".nuspec"] = FileSyntax.Xml,
        [".yml"] = FileSyntax.Yaml, [".yaml"] = FileSyntax.Yaml,
        [".env"] = FileSyntax.Lines, [".ini"] = FileSyntax.Lines, [".properties"] = FileSyntax.Lines, [".toml"] = FileSyntax.Lines, [".cfg"] = FileSyntax.Lines, [".conf"] = FileSyntax.Lines, [".cnf"] = FileSyntax.Lines,
        [".npmrc"] = FileSyntax.Lines, [".pypirc"] = FileSyntax.Lines, [".gitconfig"] = FileSyntax.Lines, [".editorconfig"] = FileSyntax.Lines, [".local"] = FileSyntax.Lines, [".tfvars"] = FileSyntax.Lines, [".desktop"] = FileSyntax.Lines, [".rdp"] = FileSyntax.Lines,
        [".cs"] = FileSyntax.Code, [".vb"] = FileSyntax.Code, [".fs"] = FileSyntax.Code, [".fsx"] = FileSyntax.Code, [".csx"] = FileSyntax.Code, [".cshtml"] = FileSyntax.Code, [".razor"] = FileSyntax.Code, [".js"] = FileSyntax.Code, [".mjs"] = FileSyntax.Code, [".cjs"] = FileSyntax.Code,
        [".jsx"] = FileSyntax.Code, [".ts"] = FileSyntax.Code, [".tsx"] = FileSyntax.Code, [".vue"] = FileSyntax.Code, [".svelte"] = FileSyntax.Code, [".py"] = FileSyntax.Code, [".rb"] = FileSyntax.Code, [".php"] = FileSyntax.Code, [".java"] = FileSyntax.Code, [".kt"] = FileSyntax.Code,
        [".scala"] = FileSyntax.Code, [".groovy"] = FileSyntax.Code, [".gradle"] = FileSyntax.Code, [".go"] = FileSyntax.Code, [".rs"] = FileSyntax.Code, [".swift"] = FileSyntax.Code, [".dart"] = FileSyntax.Code, [".c"] = FileSyntax.Code, [".h"] = FileSyntax.Code, [".cpp"] = FileSyntax.Code,
        [".m"] = FileSyntax.Code, [".pas"] = FileSyntax.Code, [".pp"] = FileSyntax.Code, [".inc"] = FileSyntax.Code, [".tcl"] = FileSyntax.Code, [".hpp"] = FileSyntax.Code, [".cc"] = FileSyntax.Code, [".mm"] = FileSyntax.Code, [".pm"] = FileSyntax.Code, [".el"] = FileSyntax.Code, [".jl"] = FileSyntax.Code, [".cmake"] = FileSyntax.Code, [".pl"] = FileSyntax.Code, [".lua"] = FileSyntax.Code, [".r"] = FileSyntax.Code, [".ex"] = FileSyntax.Code, [".exs"] = FileSyntax.Code, [".erl"] = FileSyntax.Code, [".clj"] = FileSyntax.Code, [".tf"] = FileSyntax.Code, [".hcl"] = FileSyntax.Code, [".bicep"] = FileSyntax.Code,
        [".sh"] = FileSyntax.Shell, [".bash"] = FileSyntax.Shell, [".zsh"] = FileSyntax.Shell, [".fish"] = FileSyntax.Shell, [".ps1"] = FileSyntax.Shell, [".psm1"] = FileSyntax.Shell, [".psd1"] = FileSyntax.Shell, [".bat"] = FileSyntax.Shell, [".cmd"] = FileSyntax.Shell, [".dockerfile"] = FileSyntax.Shell,
        [".sql"] = FileSyntax.Sql, [".ddl"] = FileSyntax.Sql,
        [".md"] = FileSyntax.Documentation, [".markdown"] = FileSyntax.Documentation, [".rst"] = FileSyntax.Documentation, [".adoc"] = FileSyntax.Documentation, [".html"] = FileSyntax.Documentation, [".htm"] = FileSyntax.Documentation,
    };

    public string Path
    {
        get;
        init => (field, _syntax, _isLock, _isTranslation) = (value, null, null, null);
    } = Path;

    public string Name => Path[(Path.LastIndexOf('/') + 1)..];

    public FileSyntax Syntax => (_syntax ??= SyntaxOf(Name)) == FileSyntax.Text ? Guessed : _syntax.Value;

    /// <summary>What the content looks like; holds where the name says nothing.</summary>
    public FileSyntax Guessed { get; init; } = FileSyntax.Text;

    /// <summary>Holds hashes of other files by the thousand and no settings.</summary>
    public bool IsLockFile => _isLock ??= IsLock(Name);

    /// <summary>Texts of a user interface in one language: <c>fr.json</c>, <c>messages_de.properties</c>, <c>locales/…</c>. What stands beside password there is mostly the word for it.</summary>
    public bool IsTranslation => _isTranslation ??= Language().IsMatch(Path);

    /// <summary>Not text; decided by the first bytes.</summary>
    public bool IsBinary { get; init; }

    /// <summary>UTF-16 from its first byte on.</summary>
    public bool IsUtf16 { get; init; }

    /// <summary>The UTF-16 has the high byte first.</summary>
    public bool IsBigEndian { get; init; }

    /// <summary>A machine wrote it in one long line: what looks like an assignment is code.</summary>
    public bool IsMinified { get; init; }

    /// <summary>The strings of a binary: names and values do not stand beside each other, except in a connection string.</summary>
    public bool OnlyConnectionStrings { get; init; }

    /// <summary>How often content was decoded on the way here: base64 in an archive in a file…</summary>
    public int Depth { get; init; }

    /// <summary>Whether <c>name = value</c> is looked for: not in binaries, lock files and minified scripts, and never in what a distribution ships.</summary>
    public bool HasAssignments => IsApp && !IsBinary && !IsLockFile && !IsMinified;

    private static FileSyntax SyntaxOf(string name)
    {
        if (name.StartsWith(".env", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".env", StringComparison.OrdinalIgnoreCase) || name is ".netrc" or "credentials" or ".pgpass")
        {
            return FileSyntax.Lines;
        }

        if (name.Contains("Dockerfile", StringComparison.OrdinalIgnoreCase) || name.Contains("Containerfile", StringComparison.OrdinalIgnoreCase) || name.EndsWith("_history", StringComparison.Ordinal) || name is ".bashrc" or ".profile" or ".zshrc" or "Makefile")
        {
            return FileSyntax.Shell;
        }

        return ByExtension.GetValueOrDefault(System.IO.Path.GetExtension(name), FileSyntax.Text);
    }

    [System.Text.RegularExpressions.GeneratedRegex(@"(^|[/._-])([a-z]{2})([_-][A-Za-z]{2,4})?\.(json|ya?ml|properties|php|strings|resx|js|ts|ini|toml|xlf)$|(^|/)(locales?|i18n|lang|langs|languages|translations?|l10n)/", System.Text.RegularExpressions.RegexOptions.NonBacktracking)]
    private static partial System.Text.RegularExpressions.Regex Language();

    private static bool IsLock(string name) =>
        name is "packages.lock.json" or "package-lock.json" or "npm-shrinkwrap.json" or "yarn.lock" or "pnpm-lock.yaml" or "project.assets.json" or "Cargo.lock" or "poetry.lock" or "Pipfile.lock" or "composer.lock" or "Gemfile.lock" or "go.sum" or ".terraform.lock.hcl" or "bun.lock" or "deno.lock" or "uv.lock"
        || name.EndsWith(".deps.json", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".staticwebassets.endpoints.json", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".staticwebassets.runtime.json", StringComparison.OrdinalIgnoreCase)
        || name.EndsWith(".nupkg.metadata", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".sha512", StringComparison.OrdinalIgnoreCase);
}
