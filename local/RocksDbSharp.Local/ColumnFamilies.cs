using System.Collections;

namespace RocksDbSharp;

/// <summary>The column families to open, "default" always first.</summary>
public class ColumnFamilies : IEnumerable<ColumnFamilies.Descriptor>
{
    public static readonly string DefaultName = "default";

    private readonly List<Descriptor> _descriptors;

    public ColumnFamilies(ColumnFamilyOptions? options = null) => _descriptors = [new Descriptor(DefaultName, options ?? new ColumnFamilyOptions())];

    public IEnumerable<string> Names => _descriptors.Select(family => family.Name);

    /// <summary>Adds a family; the name "default" replaces the options of that family.</summary>
    public void Add(Descriptor descriptor)
    {
        if (descriptor.Name == DefaultName)
            _descriptors[0] = descriptor;
        else
            _descriptors.Add(descriptor);
    }

    public void Add(string name, ColumnFamilyOptions options) => Add(new Descriptor(name, options));

    public IEnumerator<Descriptor> GetEnumerator() => _descriptors.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public class Descriptor(string name, ColumnFamilyOptions options)
    {
        public string Name { get; } = name;

        public ColumnFamilyOptions Options { get; } = options;
    }
}
