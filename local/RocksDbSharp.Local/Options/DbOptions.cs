namespace RocksDbSharp;

/// <summary>Options of a database, and of its default column family where no families are named.</summary>
public class DbOptions : Options<DbOptions>
{
}

/// <summary>Options of one column family.</summary>
public class ColumnFamilyOptions : Options<ColumnFamilyOptions>
{
}
