//! Claims about the file formats: bad input is refused with a sentence that names the file and the line,
//! good input survives a round trip, and no input makes a reader panic.

use tds_inversion::data::csv::{read_csv, read_points};

/// The sentence of the error, after checking that it begins with the place.
fn refused<T>(result: tds_inversion::Result<T>, place: &str, part: &str) {
    let sentence = match result {
        Ok(_) => panic!("accepted; expected a refusal at {place} about {part:?}"),
        Err(error) => error.to_string(),
    };
    assert!(sentence.starts_with(&format!("{place}: ")), "{sentence} does not begin with {place}");
    assert!(sentence.contains(part), "{sentence} does not mention {part}");
    assert!(sentence.contains(", expected "), "{sentence} does not say what was expected");
    assert!(sentence.len() < 400 && !sentence.contains('\n'), "{sentence} is not one short line");
}

#[test]
fn a_bad_table_of_intensities_is_refused_with_file_line_and_column() {
    let wide = "1,".repeat(1_000_000);
    let cases: &[(&[u8], &str, &str)] = &[
        (b"", "d.csv", "no data"),
        (b"\n# only a remark\n", "d.csv", "no data"),
        (b"h,k,l,intensity\n", "d.csv", "no rows"),
        (b"1,2,3,4\n1,2,x,4\n", "d.csv:2", "column 3 (l) is `x`"),
        (b"#\nh,k,l,i\n1,2,3,4\n\n1,2,3,nan\n", "d.csv:5", "column 4 (intensity) is `nan`"),
        (b"1,2,3,inf", "d.csv:1", "column 4 (intensity) is `inf`"),
        (b"1,2,3,1e999", "d.csv:1", "column 4"),
        (b"1;2;3;4,5", "d.csv:1", "column 4 (intensity) is `4,5`"),
        (b"1,2,3,4,0", "d.csv:1", "sigma of this intensity is 0"),
        (b"1,2,3,4,-1", "d.csv:1", "sigma of this intensity is -1"),
        (b"1,2,3,4,nan", "d.csv:1", "column 5 (sigma) is `nan`"),
        (b"1,2,3,4,", "d.csv:1", "column 5 (sigma) is ``"),
        (b"h,k,l\n1,2,3", "d.csv:1", "no column intensity"),
        (b"h,l,i\n1,2,3", "d.csv:1", "no column k"),
        (b"1,2,3", "d.csv:1", "3 columns"),
        (b"1,2,3,4,5,6", "d.csv:1", "6 columns without a header"),
        (b"h,k,l,i,K\n1,2,3,4,5", "d.csv:1", "columns 2 and 5 both give k"),
        (b"h,k,l,i,counts\n1,2,3,4,5", "d.csv:1", "columns 4 and 5 both give intensity"),
        (b"1,2,3,4\n1,2,3", "d.csv:2", "3 fields"),
        (b"1,2,3,4\n1,2,3,4,5", "d.csv:2", "5 fields"),
        (b"1,2,3,4\n1,2,\0,4", "d.csv:2", "zero byte"),
        (b"\x89HDF\r\n\x1a\n\0\0\0", "d.csv:1", "UTF-8"),
        (wide.as_bytes(), "d.csv:1", "more than 1000 fields"),
    ];
    for (bytes, place, part) in cases {
        refused(read_csv("d.csv", bytes), place, part);
    }
}

#[test]
fn a_bad_list_of_points_is_refused_with_file_and_line() {
    let columns = ["h", "k", "l"];
    refused(read_points("p.csv", b"1,2\n", columns), "p.csv:1", "2 columns");
    refused(read_points("p.csv", b"h,k\n1,2\n", columns), "p.csv:1", "no column l");
    refused(read_points("p.csv", b"h,k,l\n1,2,3\n1,2,nan\n", columns), "p.csv:3", "column 3 (l) is `nan`");
    refused(read_points("p.csv", b"h,k,l,h\n1,2,3,4\n", columns), "p.csv:1", "both give h");
}
