using System.Globalization;

namespace ContainerBuildGuard.Tool;

/// <summary>Text for one line of a terminal.</summary>
internal static class Printable
{
    /// <summary>What an argument or a file name brings along must not break the line or colour the terminal.</summary>
    public static string OneLine(string text) => string.Concat(text.Select(c => char.GetUnicodeCategory(c)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator ? ' ' : c));
}
