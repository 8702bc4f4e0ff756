namespace Dora.Cli.Output;

/// <summary>
/// Dora's messages are one line, <c>what happened, where: what to do</c>. The advice is what stands behind the last colon that is in no quotes or parentheses, when it begins as an advice does:
/// a message without one may have colons too.
/// </summary>
internal static class Advice
{
    private static readonly string[] Words =
    [
        "add", "ask", "change", "check", "choose", "close", "create", "delete", "empty", "free", "give", "have", "leave", "look", "make", "mount", "move", "name", "open", "put", "raise",
        "read", "remove", "repair", "run", "see", "set", "shorten", "start", "stop", "try", "unpin", "upgrade", "use", "wait", "write",
    ];

    /// <summary>The two parts of a message; they give it again with a colon between them.</summary>
    public static (string What, string? Hint) Split(string message)
    {
        int colon = LastColon(message);
        string hint = colon < 0 ? string.Empty : message[(colon + 2)..];
        int word = hint.IndexOfAny([' ', ',', ':']);
        return word > 0 && Array.BinarySearch(Words, hint[..word], StringComparer.Ordinal) >= 0 ? (message[..colon], hint) : (message, null);
    }

    /// <summary>A quote begins before a word and ends behind one; between them it is an apostrophe.</summary>
    private static int LastColon(string message)
    {
        (int found, int parentheses, bool isQuoted) = (-1, 0, false);
        for (int i = 0; i < message.Length; i++)
        {
            switch (message[i])
            {
                case '\'' when isQuoted:
                    isQuoted = i + 1 < message.Length && char.IsLetterOrDigit(message[i + 1]);
                    break;
                case '\'':
                    isQuoted = i == 0 || !char.IsLetterOrDigit(message[i - 1]);
                    break;
                case '(' when !isQuoted:
                    parentheses++;
                    break;
                case ')' when !isQuoted:
                    parentheses--;
                    break;
                case ':' when !isQuoted && parentheses <= 0 && i + 1 < message.Length && message[i + 1] == ' ':
                    found = i;
                    break;
            }
        }

        return found;
    }
}
