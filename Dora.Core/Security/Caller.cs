namespace Dora;

/// <summary>Who asks for files: the principal that an answer is given to. Today a connection proves the cluster's token or nothing.</summary>
internal readonly record struct Caller
{
    private readonly string? _name;

    private Caller(string name) => _name = name;

    /// <summary>Somebody who proved nothing; the default value.</summary>
    public static Caller Anonymous => default;

    /// <summary>Somebody who showed the cluster's token: a client, or another worker.</summary>
    public static Caller Cluster { get; } = new("cluster");

    /// <summary>The name, for messages and logs.</summary>
    public string Name => _name ?? "anonymous";

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
